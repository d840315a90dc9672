"""HTTP/1.1 as a collector needs it: parsed by httptools on uvloop's loop, each request handed on by plain calls, no task each."""
