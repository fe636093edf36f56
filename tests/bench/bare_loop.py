"""The least that reads these scales: ``bare_loop.py PORT BAUDRATE SLAVES``, until it is ended."""

import sys
import time

from pymodbus.client import ModbusSerialClient

SWEEP_S = 0.25

port, baudrate, slaves = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
client = ModbusSerialClient(port, baudrate=baudrate, timeout=0.2, retries=0)
client.connect()
while True:
    started_s = time.monotonic()
    for slave in range(1, slaves + 1):
        client.read_holding_registers(0, count=3, device_id=slave)
    time.sleep(max(0.0, SWEEP_S - (time.monotonic() - started_s)))
