"""Serial and MQTT devices as their data sheets say, written without looking at any decoder."""
