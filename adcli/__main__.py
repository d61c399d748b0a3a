"""`python -m adcli`: the command line."""

from adcli.cli.main import run

if __name__ == "__main__":
    run()
