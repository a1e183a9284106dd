"""This file knows where each browser looks for a native host: browser x system x scope.

Where public installers disagree every place is written, and the doctor says which one counts.
Measured with Chromium 156 and Firefox 153 on Linux; the rest as the installers of KeePassXC,
Bitwarden, browserpass, KDE, Video DownloadHelper, native-client and passff have it, 2026-11. The
folders of betas and the like: as public tools that look for them have it, 2026-12.

{home}: the user's folder. {config}: every folder of settings of a Linux user. {support}:
~/Library/Application Support. {local}, {roaming}: a Windows user's two. HKCU and HKLM: a registry
key; below it a key of our name, whose default value is the path of the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: The name of our host, of its manifests, and of its registry keys.
NAME = "metascalp_relay"

System = Literal["linux", "macos", "windows"]
Family = Literal["chromium", "firefox"]
CHROMIUM: Family = "chromium"
FIREFOX: Family = "firefox"


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser on one system.

    user, everyone: where it looks, the first place first. signs: folders that say it is used here.
    channels: the same for its beta and the like, each only where its own folder is.
    programs: what it is called on PATH (Linux) or among the applications (macOS). sandboxes: the
    folders of its snap and Flatpak packages, which cannot start our host.
    """

    name: str
    family: Family
    user: tuple[str, ...]
    everyone: tuple[str, ...]
    signs: tuple[str, ...]
    programs: tuple[str, ...] = ()
    sandboxes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


def _linux(
    name: str,
    folder: str,
    everyone: str,
    programs: str,
    sandboxes: str = "",
    also: str = "",
    channels: str = "",
) -> Browser:
    """A Chromium on Linux; several of one kind are parted by spaces."""
    others = tuple(f"{{config}}/{one}" for one in channels.split())
    user = tuple(f"{{config}}/{one}" for one in f"{folder} {also}".split())
    return Browser(
        name,
        CHROMIUM,
        tuple(f"{one}/NativeMessagingHosts" for one in user),
        tuple(f"/etc/{one}/native-messaging-hosts" for one in everyone.split()),
        (user[0], *others),
        tuple(programs.split()),
        _sandboxes(sandboxes),
        others,
    )


def _linux_gecko(name: str, folder: str, everyone: str, programs: str, sandboxes: str) -> Browser:
    signs = (f"{{home}}/.{folder}", f"{{config}}/{folder}")
    own = dict.fromkeys((folder, "mozilla"))  # Forks of Firefox may look where it does.
    user = tuple(f"{{home}}/.{one}/native-messaging-hosts" for one in own)
    shared = tuple(
        f"/usr/{library}/{one}/native-messaging-hosts"
        for one in everyone.split()
        for library in ("lib", "lib64")
    )
    return Browser(
        name, FIREFOX, user, shared, signs, tuple(programs.split()), _sandboxes(sandboxes)
    )


def _sandboxes(names: str) -> tuple[str, ...]:
    """A name with a dot is a Flatpak's, one without a snap's."""
    return tuple(
        f"{{home}}/.var/app/{name}" if "." in name else f"{{home}}/snap/{name}"
        for name in names.split()
    )


def _mac(
    name: str,
    folders: str,
    everyone: str,
    app: str,
    family: Family = CHROMIUM,
    channels: str = "",
) -> Browser:
    """A browser on macOS; folders are parted by "|", the first one is its own."""
    user = tuple(f"{{support}}/{folder}" for folder in folders.split("|"))
    others = tuple(f"{{support}}/{one}" for one in channels.split("|") if one)
    return Browser(
        name,
        family,
        tuple(f"{folder}/NativeMessagingHosts" for folder in user),
        tuple(f"/Library/{folder}/NativeMessagingHosts" for folder in everyone.split("|")),
        (user[0], *others),
        (app,),
        (),
        others,
    )


def _windows(name: str, keys: str, signs: str, family: Family = CHROMIUM) -> Browser:
    """A browser on Windows; keys and signs are parted by "|". Its channels read its own keys."""
    roots = [rf"Software\{key}\NativeMessagingHosts" for key in keys.split("|")]
    mine, shared = ([rf"{hive}\{key}" for key in roots] for hive in ("HKCU", "HKLM"))
    return Browser(name, family, tuple(mine), tuple(shared), tuple(signs.split("|")))


def _data(*names: str) -> str:
    """Where a Chromium of these names and its channels keeps its data on Windows."""
    return "|".join(rf"{{local}}\{name}\User Data" for name in names)


def told_of(folder: str) -> Browser:
    """A Chromium that keeps its data in a folder which the user has named."""
    return Browser(folder, CHROMIUM, (f"={folder}/NativeMessagingHosts",), (), (f"={folder}",))


_BRAVE = "BraveSoftware/Brave-Browser"
_BRAVE_KEY = r"BraveSoftware\Brave-Browser"
_ARC = r"Packages\TheBrowserCompany.Arc_ttt1ap7aakyb4"

LINUX = (
    _linux("Chrome", "google-chrome", "opt/chrome", "google-chrome google-chrome-stable",
           "com.google.Chrome com.google.ChromeDev",
           channels="google-chrome-beta google-chrome-unstable"),
    _linux("Chromium", "chromium", "chromium", "chromium chromium-browser",
           "chromium org.chromium.Chromium io.github.ungoogled_software.ungoogled_chromium"),
    _linux("Edge", "microsoft-edge", "opt/edge", "microsoft-edge microsoft-edge-stable",
           "com.microsoft.Edge", also="microsoftedge",
           channels="microsoft-edge-beta microsoft-edge-dev"),
    _linux("Brave", _BRAVE, "brave opt/chrome", "brave-browser brave", "brave com.brave.Browser",
           channels=f"{_BRAVE}-Beta {_BRAVE}-Nightly BraveSoftware/Brave-Origin"),
    _linux("Vivaldi", "vivaldi", "opt/vivaldi chromium", "vivaldi vivaldi-stable",
           "com.vivaldi.Vivaldi", channels="vivaldi-snapshot"),
    _linux("Opera", "opera", "opt/chrome", "opera", "opera com.opera.Opera", also="google-chrome",
           channels="opera-beta opera-developer"),
    _linux("Yandex", "yandex-browser", "opt/yandex-browser",
           "yandex-browser yandex-browser-stable", "ru.yandex.Browser",
           channels="yandex-browser-beta"),
    _linux("Comet", "comet", "opt/comet", "comet"),
    _linux_gecko("Firefox", "mozilla", "mozilla", "firefox firefox-esr",
                 "firefox org.mozilla.firefox"),
    _linux_gecko("LibreWolf", "librewolf", "librewolf mozilla", "librewolf",
                 "io.gitlab.librewolf-community"),
    _linux_gecko("Waterfox", "waterfox", "waterfox mozilla", "waterfox", "net.waterfox.waterfox"),
    Browser("Tor", FIREFOX,
            ("{home}/.local/share/torbrowser/tbb/x86_64/tor-browser/Browser/TorBrowser/Data/Browser"
             "/.mozilla/native-messaging-hosts",
             "{home}/.tor-browser/app/Browser/TorBrowser/Data/Browser"
             "/.mozilla/native-messaging-hosts"),
            (), ("{home}/.local/share/torbrowser", "{home}/.tor-browser")),
)  # fmt: skip

MACOS = (
    _mac("Chrome", "Google/Chrome", "Google/Chrome", "Google Chrome",
         channels="Google/Chrome Beta|Google/Chrome Dev|Google/Chrome Canary"),
    _mac("Chromium", "Chromium", "Application Support/Chromium", "Chromium"),
    _mac("Edge", "Microsoft Edge", "Microsoft/Edge", "Microsoft Edge",
         channels="Microsoft Edge Beta|Microsoft Edge Dev|Microsoft Edge Canary"),
    _mac("Brave", f"{_BRAVE}|Brave", "Google/Chrome", "Brave Browser",
         channels=f"{_BRAVE}-Beta|{_BRAVE}-Nightly|BraveSoftware/Brave-Origin"),
    _mac("Vivaldi", "Vivaldi", "Application Support/Vivaldi", "Vivaldi"),
    _mac("Opera", "com.operasoftware.Opera|Opera|Google/Chrome", "Google/Chrome", "Opera",
         channels="com.operasoftware.OperaGX|com.operasoftware.OperaNext"
                  "|com.operasoftware.OperaDeveloper"),
    _mac("Yandex", "Yandex/YandexBrowser|Yandex", "Application Support/Yandex/YandexBrowser",
         "Yandex"),
    _mac("Arc", "Arc/User Data", "Google/Chrome", "Arc"),
    _mac("Comet", "Comet|Perplexity/Comet|ai.perplexity.comet", "Google/Chrome", "Comet"),
    Browser("Firefox", FIREFOX, ("{support}/Mozilla/NativeMessagingHosts",),
            ("/Library/Application Support/Mozilla/NativeMessagingHosts",),
            ("{support}/Firefox", "{support}/Mozilla"), ("Firefox",)),
    _mac("LibreWolf", "librewolf|LibreWolf|Mozilla", "Application Support/Mozilla", "LibreWolf",
         FIREFOX),
    _mac("Waterfox", "Waterfox|Mozilla", "Application Support/Mozilla", "Waterfox", FIREFOX),
    _mac("Tor", "TorBrowser-Data/Browser/Mozilla", "Application Support/Mozilla", "Tor Browser",
         FIREFOX),
)  # fmt: skip

#: A key costs nothing, so all are written: a browser installed later works at once.
WINDOWS = (
    _windows("Chrome", r"Google\Chrome",
             _data(r"Google\Chrome", r"Google\Chrome Beta", r"Google\Chrome Dev",
                   r"Google\Chrome SxS")),
    _windows("Chromium", r"Chromium|Google\Chrome", _data("Chromium")),
    _windows("Edge", r"Microsoft\Edge|Google\Chrome",
             _data(r"Microsoft\Edge", r"Microsoft\Edge Beta", r"Microsoft\Edge Dev",
                   r"Microsoft\Edge SxS")),
    _windows("Brave", r"BraveSoftware\Brave-Browser|Google\Chrome",
             _data(_BRAVE_KEY, f"{_BRAVE_KEY}-Beta", f"{_BRAVE_KEY}-Nightly",
                   r"BraveSoftware\Brave-Origin")),
    _windows("Vivaldi", r"Vivaldi|Google\Chrome", _data("Vivaldi")),
    _windows("Opera", r"Opera Software|Google\Chrome",
             "|".join(rf"{{roaming}}\Opera Software\Opera {one}" for one in
                      ("Stable", "GX Stable", "Next", "Developer", "Crypto Stable", "Air Stable"))),
    _windows("Yandex", r"Yandex\YandexBrowser|YandexBrowser|Google\Chrome",
             _data(r"Yandex\YandexBrowser")),
    _windows("Arc", r"ArcBrowser\Arc|TheBrowserCompany\Arc|Google\Chrome",
             _data(rf"{_ARC}\LocalCache\Local\Arc", "Arc") + rf"|{{local}}\{_ARC}"),
    _windows("Comet", r"Comet|Perplexity\Comet|Google\Chrome", _data(r"Perplexity\Comet")),
    _windows("Firefox", "Mozilla", r"{roaming}\Mozilla\Firefox", FIREFOX),
    _windows("LibreWolf", "LibreWolf|Mozilla", r"{roaming}\librewolf", FIREFOX),
    _windows("Waterfox", "Waterfox|Mozilla", r"{roaming}\Waterfox", FIREFOX),
    _windows("Tor", "Mozilla", r"{roaming}\Tor Browser", FIREFOX),
)  # fmt: skip

TABLE: dict[System, tuple[Browser, ...]] = {"linux": LINUX, "macos": MACOS, "windows": WINDOWS}
