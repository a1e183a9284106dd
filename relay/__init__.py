"""metascalp-relay: any ticker on the web, one click from the MetaScalp terminal."""

__version__ = "0.1.0"

#: Of the messages between the extension and the host; raised when one of them breaks.
PROTOCOL = 1
#: The oldest protocol of an extension that the host still speaks.
OLDEST_PROTOCOL = 1
