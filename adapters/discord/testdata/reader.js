// Reads [{Markdown}] and says what a reader of Discord's markdown makes of each:
// the words, and the effects in their order.
const { parse } = require("discord-markdown-parser");
const effects = { strong: "bold", strikethrough: "strike", inlineCode: "code", codeBlock: "code", link: "link" };
const samples = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(samples.map(({ Markdown }) => {
  const Kinds = [];
  const words = (node) => {
    if (Array.isArray(node)) return node.map(words).join("");
    if (typeof node === "string") return node;
    if (!["text", "twemoji", "br", "newline"].includes(node.type)) Kinds.push(effects[node.type] || node.type);
    if (node.type === "twemoji") return node.name;
    if (node.type === "br" || node.type === "newline") return "\n";
    return node.content === undefined ? "" : words(node.content);
  };
  const Words = words(parse(Markdown, "extended"));
  return { Markdown, Words, Kinds: Kinds.length ? Kinds : null };
})));
