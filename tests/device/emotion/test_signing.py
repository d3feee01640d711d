"""A signature is that of this card by this key, and nothing else passes."""

import base64
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from device.emotion import signing
from device.emotion.bundle import SIGNATURE_FILE, load_bundle, write_bundle
from device.emotion.card import card_text, seal
from device.emotion.store import Store
from device.errors import InputError
from tests.bundles import TINY, name_in_use, variant

SECRET = bytes(range(32))
PUBLIC = bytes(SigningKey(SECRET).verify_key)
OTHER = bytes(SigningKey(bytes(32)).verify_key)
CARD = load_bundle(TINY).card


def write_key(path: Path, kind: signing.Kind, data: bytes) -> Path:
    path.write_bytes(signing.encode(kind, data))
    return path


def signed(folder: Path, name: str, secret: bytes = SECRET) -> Path:
    bundle = variant(folder, name)
    signature = signing.sign(load_bundle(bundle).card, secret)
    write_key(bundle / SIGNATURE_FILE, signing.SIGNATURE, signature)
    return bundle


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    """A store that trusts PUBLIC."""
    store = Store(tmp_path / "store")
    store.trust(write_key(tmp_path / "maker.pub", signing.PUBLIC, PUBLIC))
    return store


def without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nacl", "nacl.signing", "nacl.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)


def test_a_signature_is_ed25519_over_the_card_s_bytes_behind_what_they_are() -> None:
    message = b"lampyris bundle card 2\n" + card_text(CARD)
    assert signing.sign(CARD, SECRET) == SigningKey(SECRET).sign(message).signature
    assert signing.is_signed(CARD, signing.sign(CARD, SECRET), PUBLIC)


def test_a_signature_of_anything_else_is_none() -> None:
    bare = SigningKey(SECRET).sign(card_text(CARD)).signature
    assert not signing.is_signed(CARD, bare, PUBLIC)
    assert not signing.is_signed(CARD, signing.sign(CARD, SECRET), OTHER)
    other = seal(msgspec.structs.replace(CARD, version="2"))
    assert not signing.is_signed(other, signing.sign(CARD, SECRET), PUBLIC)


@given(st.integers(0, 64 * 8 - 1))
def test_any_flipped_bit_is_found(bit: int) -> None:
    signature = bytearray(signing.sign(CARD, SECRET))
    signature[bit // 8] ^= 1 << bit % 8
    assert not signing.is_signed(CARD, bytes(signature), PUBLIC)


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_weak_keys_vouch_for_nothing(public: bytes) -> None:
    for signature in (bytes(64), public + bytes(32), b"\x01" + bytes(63)):
        assert not signing.is_signed(CARD, signature, public)


def test_new_keys_fit_each_other_and_differ(tmp_path: Path) -> None:
    secret, public = signing.new_keys()
    (tmp_path / "k").write_bytes(secret)
    (tmp_path / "p").write_bytes(public)
    key = signing.read(tmp_path / "k", signing.SECRET)
    assert bytes(SigningKey(key).verify_key) == signing.read(tmp_path / "p", signing.PUBLIC)
    assert signing.new_keys()[0] != secret


GOOD = base64.b64encode(PUBLIC).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        GOOD,
        f"lampyris ed25519 public key  {GOOD}\n",
        f"lampyris ed25519 public key {GOOD[:-4]}\n",
        f"lampyris ed25519 public key {GOOD[:-1]}\n",
        f"lampyris ed25519 public key {GOOD[:-2]}{chr(ord(GOOD[-2]) + 1)}=\n",  # decodes to the same bytes
        f"lampyris ed25519 public key {GOOD[:5]} {GOOD[5:]}\n",
        f"lampyris ed25519 secret key {GOOD}\n",
        f"lampyris rsa public key {GOOD}\n",
        f"ssh-ed25519 {GOOD} me@home\n",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
        "\udcff\udcfe",
    ],
)
def test_a_key_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "k.pub").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match="public key") as caught:
        signing.read(tmp_path / "k.pub", signing.PUBLIC)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("around", ["{}", "{}\r\n", "  {}\n\n"])
def test_white_space_around_a_key_is_no_matter(around: str, tmp_path: Path) -> None:
    (tmp_path / "k.pub").write_text(around.format(f"lampyris ed25519 public key {GOOD}"), newline="")
    assert signing.read(tmp_path / "k.pub", signing.PUBLIC) == PUBLIC


def test_the_other_key_of_the_two_is_told_apart(tmp_path: Path) -> None:
    secret = write_key(tmp_path / "me.key", signing.SECRET, SECRET)
    public = write_key(tmp_path / "me.pub", signing.PUBLIC, PUBLIC)
    with pytest.raises(InputError, match=r"me\.key is the secret key, .* give \S+me\.pub"):
        signing.read(secret, signing.PUBLIC)
    with pytest.raises(InputError, match=r"me\.pub is the public key: give \S+me\.key"):
        signing.read(public, signing.SECRET)


def test_a_secret_key_is_never_told(tmp_path: Path) -> None:
    path = write_key(tmp_path / "me.key", signing.SECRET, SECRET)
    with pytest.raises(InputError) as caught:
        Store(tmp_path / "store").trust(path)
    assert base64.b64encode(SECRET).decode() not in str(caught.value)
    assert not (tmp_path / "store" / "trusted.pub").exists()


def test_missing_and_giant_key_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.pub is missing"):
        signing.read(tmp_path / "no.pub", signing.PUBLIC)
    (tmp_path / "big.pub").write_bytes(bytes(1 << 20))
    with pytest.raises(InputError, match="more than"):
        signing.read(tmp_path / "big.pub", signing.PUBLIC)


# ---- a store with a key


def test_only_what_the_trusted_key_signed_is_installed(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not signed, but"):
        store.install(variant(tmp_path, "unsigned"))
    with pytest.raises(InputError, match="not signed by the trusted key"):
        store.install(signed(tmp_path, "stranger", bytes(32)))
    borrowed = variant(tmp_path, "borrowed")
    (borrowed / SIGNATURE_FILE).write_bytes((signed(tmp_path, "good") / SIGNATURE_FILE).read_bytes())
    with pytest.raises(InputError, match="another card"):
        store.install(borrowed)
    assert store.current() is None
    store.install(tmp_path / "good")
    assert name_in_use(store) == "good"


@pytest.mark.parametrize("text", [b"", b"lampyris ed25519 signature \n", b"\x00" * 64, b"x" * 10_000])
def test_a_malformed_signature_is_refused_with_a_key_and_without(store: Store, tmp_path: Path, text: bytes) -> None:
    bundle = signed(tmp_path, "good")
    (bundle / SIGNATURE_FILE).write_bytes(text)
    for where in (store, Store(tmp_path / "other")):
        with pytest.raises(InputError, match=r"card\.sig"):
            where.install(bundle)
        assert where.current() is None


def test_a_signature_that_leads_nowhere_is_not_no_signature(tmp_path: Path) -> None:
    bundle = variant(tmp_path, "b")
    (bundle / SIGNATURE_FILE).symlink_to("nowhere")
    with pytest.raises(InputError, match=r"card\.sig is missing"):
        Store(tmp_path / "store").install(bundle)


def test_what_is_in_the_store_is_checked_at_each_load(store: Store, tmp_path: Path) -> None:
    bundle_id, _ = store.install(signed(tmp_path, "good"))
    store.load(bundle_id)
    (store.folder / bundle_id / SIGNATURE_FILE).unlink()
    with pytest.raises(InputError, match="is not signed"):
        store.load(bundle_id)


def test_a_rollback_does_not_go_round_the_key(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.install(variant(tmp_path, "unsigned"))
    store.install(signed(tmp_path, "good"))
    store.trust(write_key(tmp_path / "maker.pub", signing.PUBLIC, PUBLIC))
    with pytest.raises(InputError, match="is not signed"):
        store.rollback()
    assert name_in_use(store) == "good"
    store.distrust()
    store.rollback()
    assert name_in_use(store) == "unsigned"


def test_a_key_is_trusted_only_if_it_signed_what_is_in_use(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    key = write_key(tmp_path / "maker.pub", signing.PUBLIC, PUBLIC)
    store.install(variant(tmp_path, "before"))
    plain, _ = store.install(variant(tmp_path, "good"))
    with pytest.raises(InputError, match="sign it and install it again"):
        store.trust(key)
    assert store.trusted() is None
    # What it says to do works, and the unsigned twin doesn't take the place of the bundle before.
    assert store.install(signed(tmp_path, "good"))[0] == plain + "-2"
    assert store.load(str(store.previous())).card.name == "before"
    store.trust(key)
    assert store.trusted() == PUBLIC
    assert sorted(path.name for path in store.folder.glob("good*")) == [plain + "-2", plain + "-2.trial"]


def test_a_damaged_trusted_key_lets_nothing_pass(store: Store, tmp_path: Path) -> None:
    for harm in ("write", "dangle"):
        (store.folder / "trusted.pub").unlink()
        if harm == "write":
            (store.folder / "trusted.pub").write_text("")
        else:
            (store.folder / "trusted.pub").symlink_to("nowhere")
        with pytest.raises(InputError, match=r"trusted\.pub"):
            store.install(signed(tmp_path, "good"))
        assert store.current() is None


def test_without_the_library_a_key_is_no_reason_to_skip_the_check(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = signed(tmp_path, "good")
    without_library(monkeypatch)
    with pytest.raises(InputError, match="pip install pynacl"):
        store.install(good)
    assert store.current() is None
    Store(tmp_path / "free").install(good)  # where no key is, none is needed


def test_a_new_bundle_does_not_inherit_a_signature(tmp_path: Path) -> None:
    bundle = load_bundle(signed(tmp_path, "good"))
    write_bundle(tmp_path / "good", msgspec.structs.replace(bundle.card, version="2"), bundle.model)
    assert not (tmp_path / "good" / SIGNATURE_FILE).exists()
