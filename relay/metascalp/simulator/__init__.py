"""This package knows how to be a MetaScalp terminal: its HTTP and WebSocket API, its market."""

from .running import run
from .server import Simulator

__all__ = ["Simulator", "run"]
