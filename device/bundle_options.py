"""What the command line of `lampyris bundle` understands; kept light, so that --help answers at once."""

import argparse
from typing import Any

EPILOG = """\
examples:
  lampyris bundle show                  what the lamp runs, how good, its limits
  lampyris bundle verify models/default check a bundle, and change nothing
  lampyris bundle install models/mine   check it, test it, put it into use
  lampyris bundle rollback              back to the one before; again to undo
  lampyris bundle use built-in          back to the one that ships

  lampyris bundle keygen me             makes me.key (secret) and me.pub
  lampyris bundle sign models/mine --key me.key
  lampyris bundle trust me.pub          take only bundles signed by me

An installed bundle is on trial until it has followed two seconds of music.
If it does not start, or its first three starts kill the lamp, the lamp goes
back to the one before by itself.
"""
_NAMES = "a bundle's folder, its ID in 'list', or built-in"


class _Action(argparse.ArgumentParser):
    """Complains of too many words itself: the parser above would show its own usage."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        found, more = super().parse_known_args(args, namespace)
        if more:
            self.error(f"unrecognized arguments: {' '.join(more)}")
        return found, more


def add_bundle(commands: Any) -> None:
    """Add `bundle` to the subcommands of the parser."""
    bundle = commands.add_parser(
        "bundle",
        help="look at, install and sign models",
        description="Looks after the models that the lamp can run. A bundle is a folder with\n"
        "model.tflite and card.json, as 'python -m convert' writes it. Nothing here\nneeds root.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = bundle.add_subparsers(dest="action", metavar="ACTION", parser_class=_Action)

    def add(name: str, does: str, description: str, store: bool = True) -> argparse.ArgumentParser:
        action: argparse.ArgumentParser = actions.add_parser(name, help=does, description=description)
        if store:
            action.add_argument(
                "--store",
                metavar="DIR",
                help="where bundles are installed (default: LAMPYRIS_STORE, else lampyris/bundles in XDG_DATA_HOME, "
                "else in ~/.local/share)",
            )
        return action

    show = add("show", "what a bundle says of itself", "Shows a bundle's card: by default of the one in use.")
    show.add_argument("bundle", nargs="?", metavar="BUNDLE", help=f"{_NAMES} (default: the one in use)")
    show.add_argument("--all", action="store_true", help="with every score, how it was made and how it is stored")
    show.add_argument("--json", action="store_true", help="card.json as it is")
    verify = add(
        "verify",
        "whether a bundle is whole and runs here",
        "Checks a bundle as an install does, with its self-test on this machine, and changes nothing.",
    )
    verify.add_argument("bundle", nargs="?", metavar="BUNDLE", help=f"{_NAMES} (default: the one in use)")
    install = add(
        "install",
        "put a bundle into use",
        "Checks a bundle, tests it on this machine, copies it into the store and puts it into use. The one before is "
        "kept for a rollback; those older than that are removed.",
    )
    install.add_argument("folder", metavar="DIR", help="a bundle's folder")
    use = add("use", "put an installed one into use", "Tests a bundle that is installed and puts it into use.")
    use.add_argument("bundle", metavar="ID", help="its ID in 'list', or built-in for the one that ships")
    add("rollback", "back to the bundle before", "Puts the previous bundle into use; run it again to undo.")
    add("list", "which bundles are installed", "Lists the installed bundles and the one that ships with the program.")
    keygen = add(
        "keygen", "make keys to sign with", "Makes NAME.key, secret, and NAME.pub, for the lamps.", store=False
    )
    keygen.add_argument("name", metavar="NAME", help="what the files are called, without .key and .pub")
    sign = add("sign", "sign a bundle", "Writes card.sig beside the bundle's card, over an older one.", store=False)
    sign.add_argument("folder", metavar="DIR", help="a bundle's folder")
    sign.add_argument("--key", required=True, metavar="NAME.key", help="the secret key")
    trust = add(
        "trust",
        "take only bundles signed by a key",
        "Installs a public key. From then on the lamp takes no bundle that this key did not sign, but for the one that "
        "ships with the program.",
    )
    which = trust.add_mutually_exclusive_group(required=True)
    which.add_argument("public", nargs="?", metavar="NAME.pub", help="the public key")
    which.add_argument("--remove", action="store_true", help="take the key out: unsigned bundles are taken again")
