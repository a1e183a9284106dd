"""metascalp-relay: any ticker on the web, one click from the MetaScalp terminal."""

__version__ = "0.1.0"
