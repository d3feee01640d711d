"""What a frame of each scene costs, against the glow.

    python benchmarks/scenes.py [--pixels 300] [--json]

Processor time of one core, the best of several rounds; percent is of that core at 60 frames a second.
"""

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS, FRAMES, RATE = 12, 300, 60
sys.path.insert(0, str(ROOT))


def frame_us(scene: str, pixels: int, fading: bool = False) -> float:
    """Microseconds a frame of music with beats; fading: while the next scene and palette come in."""
    from device.color.palette_file import load_palette
    from device.color.stage import Stage
    from device.emotion.emotion import Emotion

    stage = Stage([load_palette("lampyris"), load_palette("aurora")], pixels, scene)
    emotion = Emotion(0.5, 0.4, 0.1)
    best, now = float("inf"), 0
    for _ in range(ROUNDS):
        frames = RATE if fading else FRAMES
        if fading:
            stage.reset()
            now = 0
            stage.next_scene()
            stage.next_palette()
        begin = time.process_time()
        for _ in range(frames):
            stage.process(emotion, -14.0, float(now % 30 < 3), "music", now / RATE)
            now += 1
        best = min(best, (time.process_time() - begin) / frames)
    return best * 1e6


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=300)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    from device.color.scenes.names import SCENES

    cost = {scene: frame_us(scene, options.pixels) for scene in SCENES}
    cost["glow to trail, new palette"] = frame_us("glow", options.pixels, fading=True)
    rows = [
        {
            "scene": scene,
            "frame_us": round(us, 1),
            "percent": round(us * RATE / 1e4, 2),
            "vs_glow": round(us / cost["glow"], 2),
        }
        for scene, us in cost.items()
    ]
    if options.json:
        print(json.dumps({"pixels": options.pixels, "rows": rows}))
        return
    print(f"{options.pixels} pixels              us a frame   % of a core   x glow")
    for row in rows:
        print(f"{row['scene']:<26}{row['frame_us']:>9}{row['percent']:>14}{row['vs_glow']:>9}")


if __name__ == "__main__":
    main()
