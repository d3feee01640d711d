"""What the command line of `lampyris bundle` understands; kept light, so that --help answers at once."""

import argparse
from typing import Any

EPILOG = """\
examples:
  lampyris bundle show                      what the lamp runs: how good, trained on what, which limits
  lampyris bundle show models/mine          the same of a bundle somewhere else
  lampyris bundle install models/mine       check it, test it and put it into use
  lampyris bundle rollback                  back to the one before; once more, and forth again

  lampyris bundle keygen me                 makes me.key (keep it secret) and me.pub (give it away)
  lampyris bundle sign models/mine --key me.key
  lampyris bundle trust me.pub              this lamp takes only bundles signed by me from now on

An installed bundle is on trial until it has followed two seconds of music. If it does not start, or its first three
starts kill the lamp, the lamp goes back to the one before by itself.
"""


def add_bundle(commands: Any) -> None:
    """Add `bundle` to the subcommands of the parser."""
    bundle = commands.add_parser(
        "bundle",
        help="look at, install and sign models",
        description="Looks after the models that the lamp can run. A bundle is a folder with model.tflite and "
        "card.json, as 'python -m convert' writes it. Nothing here needs root.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = bundle.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(name: str, does: str, description: str) -> argparse.ArgumentParser:
        action: argparse.ArgumentParser = actions.add_parser(name, help=does, description=description)
        action.add_argument(
            "--store",
            metavar="DIR",
            help="where bundles are installed (LAMPYRIS_STORE, else ~/.local/share/lampyris/bundles)",
        )
        return action

    show = add("show", "what a bundle says of itself", "Shows a bundle's card: by default of the one in use.")
    show.add_argument("folder", nargs="?", metavar="DIR", help="a bundle (default: the one in use)")
    show.add_argument("--all", action="store_true", help="with every score, also of parts and repetitions")
    show.add_argument("--json", action="store_true", help="card.json as it is")
    verify = add(
        "verify",
        "whether a bundle is whole and runs here",
        "Checks a bundle as an install does, with its self-test on this machine, and changes nothing.",
    )
    verify.add_argument("folder", metavar="DIR", help="a bundle")
    install = add(
        "install",
        "put a bundle into use",
        "Checks a bundle, tests it on this machine, copies it into the store and puts it into use. The one before is "
        "kept for a rollback; one older than that is removed.",
    )
    install.add_argument("folder", metavar="DIR", help="a bundle")
    add("rollback", "back to the bundle before", "Puts the previous bundle into use. Once more: forth again.")
    add("list", "which bundles are installed", "Lists the installed bundles and the one that ships with the program.")
    keygen = add("keygen", "make keys to sign with", "Makes NAME.key, secret, and NAME.pub, for the lamps.")
    keygen.add_argument("name", metavar="NAME", help="what the files are called, without .key and .pub")
    sign = add("sign", "sign a bundle", "Writes card.sig beside the bundle's card, over what was signed before.")
    sign.add_argument("folder", metavar="DIR", help="a bundle")
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
