"""This package knows how to be a MetaScalp terminal: its HTTP and WebSocket API, its market."""

from .server import Simulator, run

__all__ = ["Simulator", "run"]
