"""Reference sentence vectors for `lladr encode`: all-MiniLM-L6-v2, mean over tokens, length 1.

usage: python encoder.py FOLDER > encoder.json   (transformers 4.30.2, any PyTorch; FOLDER as for `lladr encode --model`)
"""
import json
import sys

import torch
from transformers import AutoModel, AutoTokenizer

TEXTS = json.load(open(__file__.replace(".py", ".json")))["texts"]

tokenizer, model = AutoTokenizer.from_pretrained(sys.argv[1]), AutoModel.from_pretrained(sys.argv[1]).eval()
tokens = tokenizer(TEXTS, padding=True, truncation=True, max_length=256, return_tensors="pt")
with torch.no_grad():
    hidden = model(**tokens).last_hidden_state
mask = tokens["attention_mask"].unsqueeze(-1).float()
mean = (hidden * mask).sum(1) / mask.sum(1)
unit = mean / mean.norm(dim=1, keepdim=True)
json.dump({"texts": TEXTS, "vectors": [[round(float(x), 6) for x in row] for row in unit]}, sys.stdout)
