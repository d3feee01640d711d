"""What goes wrong at a microphone, injected below the real capture code: told, counted, and over when it is over."""

from collections.abc import Callable

import numpy as np
import pytest

from hardware.capture.microphone import CaptureMicrophone
from hardware.errors import HardwareError
from hardware.microphone import Block
from tests.fakes.pyaudio import I2S, Card, FakeAudio, counting

RATE = 48_000


class Rig:
    """A microphone on a card that can be harmed; `said` is what was told, `blocks` all that was read."""

    def __init__(self, *cards: Card, wanted: str = "voicehat") -> None:
        self.audio = FakeAudio(list(cards) or [Card()])
        self.card = self.audio.cards[0]
        self.said: list[str] = []
        self.begin_s = self.audio.now_s
        self.microphone = CaptureMicrophone(
            wanted, self.said.append, self.audio.clock, self.audio.sleep, self.audio, "/nowhere"
        )
        self.blocks: list[Block] = []

    def listen(self, seconds: float) -> list[Block]:
        """Read for so long."""
        end_s, first = self.audio.now_s + seconds, len(self.blocks)
        while self.audio.now_s < end_s:
            block = self.microphone.read()
            assert block is not None
            self.blocks.append(block)
        return self.blocks[first:]

    def until(self, deaf: bool) -> float:
        """Read until the state is this one; the seconds that took."""
        begin_s = self.audio.now_s
        while self.listen(0.001)[-1].deaf != deaf:
            assert self.audio.now_s - begin_s < 10
        return self.audio.now_s - begin_s

    @property
    def lost(self) -> list[int]:
        return [block.lost for block in self.blocks if block.lost]

    def check_content(self) -> None:
        """Every sample is heard once, in its place, or was told as lost."""
        n = 0
        for block in self.blocks:
            n += block.lost
            assert (block.samples == counting(n, len(block.samples))).all()
            n += len(block.samples)

    def check_time(self) -> None:
        """The blocks tell of all the time that has passed."""
        told_s = sum(block.lost + len(block.samples) for block in self.blocks) / RATE
        assert told_s == pytest.approx(self.audio.now_s - self.begin_s, abs=0.03)


def test_a_sound_microphone_is_heard_bit_by_bit() -> None:
    rig = Rig()
    rig.listen(10)
    assert (rig.microphone.rate, rig.microphone.slots, rig.microphone.name) == (RATE, 2, I2S)
    assert not rig.lost
    rig.check_content()
    rig.check_time()
    assert rig.blocks[0].samples.dtype == np.int32
    assert max(len(block.samples) for block in rig.blocks) <= 0.1 * RATE


@pytest.mark.parametrize(("seconds", "told"), [(0.01, True), (1.0, True), (1.0, False), (60.0, True), (60.0, False)])
def test_an_overrun_of_the_card_is_told_with_its_length(seconds: float, told: bool) -> None:
    rig = Rig()
    rig.listen(2)
    rig.card.skip, rig.card.told = round(seconds * RATE), told
    rig.listen(2 + seconds)
    assert rig.microphone.lost == sum(rig.lost)
    if seconds < 60:
        assert sum(rig.lost) == pytest.approx(seconds * RATE, abs=1)
        assert len(rig.lost) == 1
        (sentence,) = rig.said
        assert f"has lost {seconds:.2f} s" in sentence
        rig.check_content()
    else:  # a card that needs a minute is opened anew
        assert sum(block.deaf for block in rig.blocks) < 25
        assert [len(rig.lost), len(rig.said)] == [2, 2]
    rig.check_time()
    assert not rig.listen(1)[-1].deaf


@pytest.mark.parametrize("seconds", [0.01, 1.0, 60.0])
def test_a_lamp_that_was_held_up_for_too_long_is_told_what_it_missed(seconds: float) -> None:
    rig = Rig()
    rig.listen(2)
    rig.audio.sleep(seconds)
    rig.listen(2)
    assert sum(rig.lost) == pytest.approx(max(0, (seconds - 2) * RATE), abs=0.03 * RATE)
    rig.check_content()
    rig.check_time()
    assert ["has lost" in sentence for sentence in rig.said] == [True] * (seconds > 2)


def test_a_stuck_card_is_noticed_within_3_s_and_opened_anew() -> None:
    rig = Rig()
    rig.listen(2)
    rig.card.stuck = True
    assert rig.until(deaf=True) < 2
    assert not rig.blocks[-1].samples.any()
    rig.listen(30)
    assert len(rig.said) == 1
    assert "no sound" in rig.said[0]
    assert rig.card.opened > 10
    rig.card.stuck = False
    assert rig.until(deaf=False) < 2
    assert "back" in rig.said[1]
    assert rig.microphone.outages == 1
    rig.check_time()


def unplug(rig: Rig) -> Callable[[], None]:
    rig.card.present = False

    def back() -> None:
        # Another index, and another number in its name.
        returned = Card(I2S.replace("hw:1", "hw:4"))
        rig.audio.cards[:] = [Card("USB: Audio (hw:1,0)", slots=1), returned]

    return back


def taken(rig: Rig) -> Callable[[], None]:
    rig.card.stuck = rig.card.busy = True

    def back() -> None:
        rig.card.stuck = rig.card.busy = False

    return back


@pytest.mark.parametrize("away_s", [0.1, 1.0, 7.3, 600.0])
@pytest.mark.parametrize("harm", [unplug, taken])
def test_a_card_that_goes_and_comes_back(harm: Callable[[Rig], Callable[[], None]], away_s: float) -> None:
    rig = Rig()
    rig.listen(2)
    back = harm(rig)
    rig.listen(away_s)
    back()
    if rig.microphone.deaf or harm is unplug:
        rig.until(deaf=True)
        assert rig.until(deaf=False) < 2
    rig.listen(2)
    outages = rig.microphone.outages
    told = [sentence for sentence in rig.said if "can't be used" not in sentence]
    assert len(told) == 2 * outages
    assert len(rig.said) - len(told) == (harm is taken and away_s > 1)  # someone can end the other program
    assert outages == 1 or away_s <= 1
    if outages:
        # Before the first silence and before the first sound something was lost, and nowhere else.
        assert [block.lost > 0 for block in rig.blocks].count(True) == 2
        assert all(block.samples.any() != block.deaf for block in rig.blocks[1:])
    rig.check_time()


def test_the_time_between_attempts_grows_and_is_bounded() -> None:
    rig = Rig()
    rig.card.present = False
    begun: list[float] = []
    make = rig.audio.PyAudio
    rig.audio.PyAudio = lambda: begun.append(rig.audio.now_s) or make()  # type: ignore[method-assign, func-returns-value]
    rig.listen(60)
    waits = np.diff(begun)
    assert waits[0] == pytest.approx(0.5, abs=0.05)
    assert waits[1:] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("true_rate", [44_100, 47_000, 50_000])
def test_a_rate_that_is_a_lie_is_told_once(true_rate: float) -> None:
    rig = Rig(Card(true_rate=true_rate))
    rig.listen(19)
    assert not rig.said
    rig.listen(6)
    assert len(rig.said) == 1
    assert str(true_rate)[:3] in rig.said[0]
    assert rig.microphone.true_rate == pytest.approx(true_rate, rel=0.002)
    rig.listen(100)
    assert len(rig.said) == 1


@pytest.mark.parametrize("off", [0.9995, 1.0005])
def test_an_honest_crystal_and_losses_are_no_lie(off: float) -> None:
    rig = Rig(Card(true_rate=RATE * off))
    for _ in range(20):
        rig.listen(4)
        rig.card.skip = 24_000
    rig.audio.sleep(30)
    rig.listen(60)
    assert ["has lost" in sentence for sentence in rig.said] == [True]  # not once an overrun


@pytest.mark.parametrize(
    ("card", "rate", "slots"),
    [
        (Card("USB mic (hw:2,0)", 1, (16_000,)), 16_000, 1),
        (Card("USB mic (hw:2,0)", 1, (44_100, 48_000)), 48_000, 1),
        (Card("USB desk (hw:2,0)", 8, (44_100, 96_000)), 44_100, 2),
        (Card("USB mic (hw:2,0)", 1, (22_050,)), 22_050, 1),
    ],
)
def test_other_microphones_give_what_they_can(card: Card, rate: int, slots: int) -> None:
    rig = Rig(card, wanted="usb")
    assert (rig.microphone.rate, rig.microphone.slots) == (rate, slots)
    assert rig.listen(1)[0].samples.shape[1] == slots


@pytest.mark.parametrize(
    ("card", "word"),
    [
        (Card(busy=True), "Device unavailable.*other programs"),
        (Card(rates=(7_999.5,)), "Invalid sample rate"),  # type: ignore[arg-type]
        (Card("USB: Audio (hw:1,0)"), "'voicehat'.*USB"),
    ],
)
def test_a_microphone_that_cannot_be_opened_at_first_is_one_sentence(card: Card, word: str) -> None:
    with pytest.raises(HardwareError, match=word):
        Rig(card)


@pytest.mark.parametrize("other", [{"rates": (44_100,)}, {"slots": 1}])
def test_a_card_that_comes_back_as_another_one_is_told(other: dict[str, object]) -> None:
    rig = Rig()
    rig.listen(2)
    rig.card.present = False
    rig.listen(5)
    for name, value in other.items():
        setattr(rig.card, name, value)
    rig.card.present = True
    rig.listen(20)
    assert ["can't be used" in sentence for sentence in rig.said] == [False, True]


def test_closing_gives_the_card_back_twice_is_fine() -> None:
    rig = Rig()
    with rig.microphone as microphone:
        rig.listen(0.1)
        microphone.close()
    assert not rig.audio.streams
    with pytest.raises(ValueError, match="closed"):
        rig.microphone.read()
    again = CaptureMicrophone("voicehat", print, rig.audio.clock, rig.audio.sleep, rig.audio, "/nowhere")
    assert again.read() is not None
