"""``python -m landmarks``."""

from landmarks.cli import main

main()
