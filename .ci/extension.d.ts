/** What @types/chrome does not know: Firefox's sidebar, and the namespace both browsers have. */

interface SidebarAction {
  open(): Promise<void>;
  close(): Promise<void>;
  toggle(): Promise<void>;
}

declare var browser: typeof chrome | undefined;
