"""``python -m device_sim`` is ``lianxin-sim``."""

from device_sim.cli import main

if __name__ == "__main__":
    main()
