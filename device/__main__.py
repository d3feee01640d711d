"""`python -m device` is `lampyris`."""

import sys

from device.cli import main

sys.exit(main())
