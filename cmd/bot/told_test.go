package main

import (
	"crypto/x509"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"paperboy/internal/config"
)

// root is the project's.
const root = "../../"

// told are the files that tell people, or other programs, what to type.
var told = []string{
	"README.md", "CONTRIBUTING.md", "docs/using.md", "docs/command-line.md", "docs/operating.md", "docs/scaling.md", "docs/webhook.md", "docs/looks.md", "docs/site.md", "docs/feeds.md", "docs/assistants.md", "docs/mail.md", "docs/benchmarks.md", "docs/evaluation.md",
	"Containerfile", "compose.yaml", "packaging/paperboy.service", "packaging/release", ".github/workflows/release.yml", ".ci/run",
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(root + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	fence   = regexp.MustCompile("(?ms)^\\s*```[a-z]*$(.*?)^\\s*```$")
	span    = regexp.MustCompile("`([^`\n]+)`")
	typed   = regexp.MustCompile(`(?m)(?:^|&& |\$ |sudo |/|\] |[-_]token |\bpaperboy |service )bot ([^\n#|>&;]+)`)
	inImage = regexp.MustCompile(`(?m)docker (?:run|compose run)(?: --?[a-z-]+(?: [0-9.:]+| ALL)?)* (?:paperboy|tried) ([^\n#|>&;]+)`)
	word    = regexp.MustCompile(`^[a-z-]+$`)
	flag    = regexp.MustCompile(`(?:^| )--([a-z-]+)`)
	target  = regexp.MustCompile(`\bmake(?: -s)? ([a-z]+)`)
	environ = regexp.MustCompile(`PAPERBOY_[A-Z_]+[A-Z]`)
	link    = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// code is what of a file is to be typed: all of it, or of a page its code.
func code(name, text string) string {
	if filepath.Ext(name) != ".md" {
		return text
	}
	var out []string
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		out = append(out, m[1])
	}
	return strings.Join(out, "\n")
}

// What the documents, the container and the unit of systemd call exists: commands
// and their flags, what make makes, names of the environment, files.
func TestWhatPeopleAreToldToTypeExists(t *testing.T) {
	parser, err := kong.New(&commands{}, kong.Name("bot"), kong.Writers(io.Discard, io.Discard), kong.Vars{"sources": ""})
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string][]string{}
	for _, n := range parser.Model.Children {
		for _, f := range slices.Concat(parser.Model.Flags, n.Flags) {
			flags[n.Name] = append(flags[n.Name], f.Name)
		}
		for _, child := range n.Children {
			for _, f := range child.Flags {
				flags[n.Name] = append(flags[n.Name], f.Name)
			}
		}
	}
	var names []string
	for _, key := range config.Keys() {
		names = append(names, "PAPERBOY_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_")))
	}
	names = append(names, "PAPERBOY_SOURCES_FEED")
	tests := []string{"PAPERBOY_CLOCK_OFFSET", "PAPERBOY_REQUIRE", "PAPERBOY_SCREENSHOTS", "PAPERBOY_KILLS", "PAPERBOY_BOT", "PAPERBOY_MILLION", "PAPERBOY_REPLICAS", "PAPERBOY_CHANNELS", "PAPERBOY_VOTES", "PAPERBOY_PAPERS", "PAPERBOY_TEST_POSTGRES"}

	makefile := read(t, "Makefile")
	commands := 0
	for _, name := range told {
		text := read(t, name)
		types := code(name, text)
		for _, m := range slices.Concat(typed.FindAllStringSubmatch(types, -1), inImage.FindAllStringSubmatch(types, -1)) {
			words := strings.Fields(m[1])
			command := words[0]
			if !word.MatchString(command) { // COMMAND, say, or a folder
				continue
			}
			commands++
			known, ok := flags[command]
			if !ok {
				t.Errorf("%s: bot %s: there is no such command", name, m[1])
				continue
			}
			for _, f := range flag.FindAllStringSubmatch(m[1], -1) {
				if !slices.Contains(known, f[1]) {
					t.Errorf("%s: bot %s: there is no flag --%s", name, m[1], f[1])
				}
			}
		}
		for _, m := range target.FindAllStringSubmatch(types, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: make %s: there is no such target", name, m[1])
			}
		}
		for _, env := range environ.FindAllString(types, -1) {
			if !slices.Contains(names, env) && !slices.Contains(tests, env) {
				t.Errorf("%s: %s sets no key", name, env)
			}
		}
		if filepath.Ext(name) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if commands < 30 {
		t.Errorf("only %d commands were found: this test does not read right", commands)
	}
}

// The unit, the container and the Makefile agree on where things are.
func TestWhatIsInstalledFitsTogether(t *testing.T) {
	holds := func(name string, all ...string) {
		t.Helper()
		text := read(t, name)
		for _, want := range all {
			if !strings.Contains(text, want) {
				t.Errorf("%s has no %q", name, want)
			}
		}
	}
	holds("Makefile", "PREFIX := /usr/local\n", "DEST = $(DESTDIR)$(PREFIX)\n", "$(DEST)/bin/bot\n", "s|/usr/local/|$(PREFIX)/|", "-o $(BOT)")
	holds("packaging/paperboy.service", "ExecStart=/usr/local/bin/bot run\n", "DynamicUser=yes\n", "RestartPreventExitStatus=2\n", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n")
	holds("Containerfile", "\nFROM scratch\n", "BOT=/image/bot", "COPY --from=build /image /\n", `ENTRYPOINT ["/bot"]`, `CMD ["run"]`, "VOLUME /data\n", "USER 65532:65532\n")
	holds("compose.yaml", "dockerfile: Containerfile\n", ":/data\n", "env_file: paperboy.env\n")
	for _, keeps := range []string{".gitignore", ".dockerignore"} { // the tokens
		holds(keeps, ".env\n")
	}
	module := read(t, "go.mod")
	needs := regexp.MustCompile(`\ngo (\d+\.\d+)`).FindStringSubmatch(module)[1]
	for _, name := range []string{"Containerfile", ".github/workflows/release.yml"} {
		holds(name, "golang:"+needs+"-")
	}
	holds("README.md", "Go ≥ "+needs)

	f, err := os.Open(root + "docs/icon.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if icon, err := png.DecodeConfig(f); err != nil || icon.Width != 512 || icon.Height != 512 {
		t.Errorf("the icon: %+v %v", icon, err)
	}
}

// make install puts everything below one folder, with its path in the unit.
func TestMakeInstall(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("skipped, this machine lacks make")
	}
	bot := filepath.Join(t.TempDir(), "bot")
	if err := os.WriteFile(bot, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	dest := t.TempDir()
	// The program is there already, so nothing is built.
	install := exec.Command("make", "BOT="+bot, "install", "DESTDIR="+dest, "PREFIX=/opt/paperboy")
	install.Dir = root
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, mode := range map[string]os.FileMode{
		"bin/bot": 0o755, "share/doc/paperboy/README.md": 0o644, "share/doc/paperboy/config.example.toml": 0o644, "share/doc/paperboy/site.md": 0o644, "lib/systemd/system/paperboy.service": 0o644,
	} {
		info, err := os.Stat(filepath.Join(dest, "opt/paperboy", name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	unit, err := os.ReadFile(filepath.Join(dest, "opt/paperboy/lib/systemd/system/paperboy.service"))
	if err != nil || !strings.Contains(string(unit), "ExecStart=/opt/paperboy/bin/bot run\n") || strings.Contains(string(unit), "/usr/local") {
		t.Errorf("the unit: %v\n%s", err, unit)
	}
}

// The service may do little: systemd itself rates that.
func TestTheServiceMayDoLittle(t *testing.T) {
	if exec.Command("systemd-analyze", "--version").Run() != nil {
		t.Skip("skipped, this machine lacks systemd-analyze")
	}
	const most = "15" // of 100, which is anything
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+most, root+"packaging/paperboy.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// In a container there is nothing but the program, not even certificates.
func TestItTrustsTheWebWhereNoCertificatesAre(t *testing.T) {
	defer func() {
		if recover() == nil { // it can be said once
			t.Error("nobody said whom to trust then")
		}
	}()
	x509.SetFallbackRoots(x509.NewCertPool())
}
