"""What can be chosen about the ear's network and its training."""

import msgspec


class EarOptions(msgspec.Struct, frozen=True, kw_only=True):
    """members: networks that become one. units: of the recurrent layer of each. blind: inputs that look above 8 kHz are
    left out. dropout, input_dropout: shares. epochs, batch, rate, decay: of the training (AdamW, cosine). crop: steps
    of one sequence. streams, tests: minutes of each fold (and way). seed: of everything."""

    members: int = 3
    units: int = 20
    blind: bool = True
    dropout: float = 0.3
    input_dropout: float = 0.1
    epochs: int = 25
    batch: int = 32
    rate: float = 4e-3
    decay: float = 0.01
    crop: int = 50
    streams: int = 90
    tests: int = 16
    seed: int = 0
