"""What can be chosen about the ear's network and its training."""

import msgspec


class EarOptions(msgspec.Struct, frozen=True, kw_only=True):
    """members: networks that become one. taps, filters, hidden, units: of the layers of each. blind: inputs that look
    above 8 kHz are left out. dropout, input_dropout: shares. color_db: deviation of the random equalizer. masked: share
    of the sequences in which some mel bands are hidden. epochs, batch, rate, decay: of the training (AdamW, cosine).
    crop: steps of one sequence. streams, tests: minutes of each fold (and way). seed: of everything."""

    members: int = 3
    taps: int = 5
    filters: int = 32
    hidden: int = 24
    units: int = 24
    blind: bool = True
    dropout: float = 0.2
    input_dropout: float = 0.2
    color_db: float = 3.0
    masked: float = 0.5
    epochs: int = 40
    batch: int = 32
    rate: float = 3e-3
    decay: float = 0.05
    crop: int = 50
    streams: int = 130
    tests: int = 16
    seed: int = 0
