import { spawn } from 'node:child_process';
import type { Machine } from './places.ts';

/** Why no browser of this machine can be expected to open. */
export type NoBrowser = 'ssh' | 'no-display' | 'failed';

const SETTLED_MS = 2_000;

/**
 * Opens the address by the platform's own opener, without a shell.
 *
 * @returns undefined when the opener took it, else why there is no browser
 */
export async function openBrowser(
  url: string,
  machine: Pick<Machine, 'platform' | 'env'>,
): Promise<NoBrowser | undefined> {
  const reason = whyNone(machine);
  if (reason !== undefined) return reason;
  const [file, ...args] = opener(url, machine.platform);
  if (!isWeb(url) || file === undefined) return 'failed';
  return (await started(file, args)) ? undefined : 'failed';
}

/** Nothing but an address of the web may reach an opener, which would run a program as well. */
const isWeb = (url: string): boolean => URL.parse(url)?.protocol === 'https:';

function opener(url: string, platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['open', url];
  // `start` belongs to cmd, which would take & for its own.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}

/** Where nobody looks at a screen, an opener may start a browser that nobody sees. */
function whyNone({ platform, env }: Pick<Machine, 'platform' | 'env'>): NoBrowser | undefined {
  // BROWSER is set where an editor opens addresses of the far machine at the near one.
  if (env.BROWSER || env.DISPLAY || env.WAYLAND_DISPLAY) return undefined;
  if (env.SSH_CONNECTION || env.SSH_TTY) return 'ssh';
  return platform === 'win32' || platform === 'darwin' ? undefined : 'no-display';
}

/** An opener that still runs after a while is a browser that it has become. */
function started(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'ignore', detached: true, windowsHide: true });
    const timer = setTimeout(() => resolve(true), SETTLED_MS);
    const settle = (good: boolean): void => {
      clearTimeout(timer);
      resolve(good);
    };
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
    child.unref();
  });
}
