"""What learning secrets and taking them out of texts costs, for 500 to 2,000 secrets and 1 to 10 MB of text.

usage: python benchmarks/redaction.py
"""

from __future__ import annotations

import secrets
import time

from pytest_endpoint_docs.redaction.exchanges import learn_json
from pytest_endpoint_docs.redaction.redactor import Redactor

COUNTS = (500, 1000, 2000)
SIZES_MB = (1, 10)
KNOWN_IN_TEXT = 40


def main() -> None:
    print("secrets  learned, a text after each   per secret   text    redacted   per MB")
    for count in COUNTS:
        tokens = [secrets.token_urlsafe(32) for _ in range(count)]
        redactor = Redactor()
        began = time.process_time()
        for token in tokens:
            learn_json(redactor, {"access_token": token})
            redactor.text(f"step main answered {token}")
        learned_s = time.process_time() - began
        for size in SIZES_MB:
            text = _text(size, tokens[:KNOWN_IN_TEXT])
            began = time.process_time()
            shown = redactor.text(text)
            redacted_s = time.process_time() - began
            assert not any(token in shown for token in tokens)
            print(
                f"{count:7}  {learned_s:26.2f} s  {learned_s / count * 1e6:8.0f} us  "
                f"{size:3} MB  {redacted_s:7.2f} s  {redacted_s / size:5.2f} s"
            )


def _text(size_mb: int, tokens: list[str]) -> str:
    line = f'{{"id": "{secrets.token_hex(16)}", "name": "The quick brown fox", "count": 4711}},\n'
    return line * (size_mb * 1_000_000 // len(line)) + "\n".join(tokens)


if __name__ == "__main__":
    main()
