"""The door: python -m trainer."""

import sys


def door() -> int:
    """Run the command line, or say what is missing."""
    try:
        from trainer.cli import main
    except ModuleNotFoundError as error:
        print(f"trainer: {error.name} is not installed; run ./setup.sh test, which installs it.", file=sys.stderr)
        return 2
    return main()


if __name__ == "__main__":
    sys.exit(door())
