"""Published numbers on 4QAED, each with where it is from and how far that could be verified."""

from dataclasses import dataclass

TEN_FOLD = "repeated stratified 10-fold, artists not kept apart"
ONE_SPLIT = "not verified; whole ninetieths suggest one held-out tenth"
STUDY = "As given by the lamp study; a source of its own could not be verified."
RECURRENT = (
    "X. Chang, X. Zhang, H. Zhang, Y. Ran: Music Emotion Prediction Using Recurrent Neural Networks. "
    "arXiv:2405.06747, 2024. Number as given by the lamp study."
)
FEATURES = (
    "R. Panda, R. Malheiro, R. P. Paiva: Novel Audio Features for Music Emotion Recognition. "
    "IEEE Transactions on Affective Computing, 2018/2020. 20 repetitions; its abstract tells 76.4 %, "
    "75.6 % is as given by the lamp study."
)
COMPARISON = (
    "P. L. Louro, H. Redinho, R. Malheiro, R. P. Paiva, R. Panda: A Comparison Study of Deep Learning Methodologies "
    "for Music Emotion Recognition. Sensors 24(7), 2201, 2024. Number from its abstract."
)
HERE = "python benchmarks/blocks.py, in this project"


@dataclass(frozen=True)
class Published:
    """One method. accuracy, f1: per cent as printed, "" where not given."""

    method: str
    protocol: str
    accuracy: str
    f1: str
    source: str


NUMBERS = (
    Published("plain RNN", ONE_SPLIT, "53.33", "", RECURRENT),
    Published("bidirectional RNN", ONE_SPLIT, "48.89", "", RECURRENT),
    Published("LSTM", ONE_SPLIT, "51.11", "", RECURRENT),
    Published("CNN + GRU", TEN_FOLD, "", "60.07", STUDY),
    Published("CRNN", TEN_FOLD, "", "64.63", STUDY),
    Published("CNN + dense network (hybrid)", TEN_FOLD, "", "68.04", STUDY),
    Published("hand-crafted features, SVM", TEN_FOLD, "", "75.6–76.4", FEATURES),
    Published("CNN + dense network on hand-crafted features", "as told there", "", "80.20", COMPARISON),
    Published("statistics of our features, SVM", "stratified 10-fold", "", "70.5", HERE),
    Published("statistics of our features, SVM", "10-fold, artists apart", "", "70.6", HERE),
)
