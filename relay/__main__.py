"""`python -m relay` is `metascalp-relay`."""

from relay.edges.cli import main

if __name__ == "__main__":
    main()
