import { posix, win32 } from 'node:path';

/** Whose machine it is: injected, so that every system's conventions are tested on any. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person's home directory. */
  readonly home: string;
}

/**
 * Where sign-ins are kept: `$XDG_STATE_HOME/outrider`, `~/Library/Application Support/Outrider`, or
 * `%LOCALAPPDATA%\Outrider`, which no domain carries to other machines. A relative XDG path is ignored, as
 * https://specifications.freedesktop.org/basedir-spec/latest/ asks.
 */
export function signInFolder({ platform, env, home }: Machine): string {
  if (platform === 'win32') {
    return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'Outrider');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Outrider');
  const state = env.XDG_STATE_HOME ?? '';
  return posix.join(posix.isAbsolute(state) ? state : posix.join(home, '.local', 'state'), 'outrider');
}
