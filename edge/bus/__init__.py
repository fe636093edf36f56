"""The point bus: MQTT scales and the supervisor's terminal."""
