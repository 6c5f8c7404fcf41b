"""``python -m hirelens`` is the command ``hirelens``."""

from hirelens.cli import main

if __name__ == "__main__":
    main()
