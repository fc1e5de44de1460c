import type { Cloud } from '../cloud.ts';
import { processEnvironment } from '../environment.ts';
import { probe } from '../probe.ts';
import type { LogEntry } from '../runner/log.ts';
import { ADDRESS_SETTING, withLabPace } from './app-settings.ts';
import { type RunnerProcess, startRunnerProcess } from './runner-process.ts';
import type { SessionOptions } from './session.ts';

/**
 * Runs the app, once it is certain that its traffic stays inside. The app is told its address, and leads browsers that are
 * outside to the lab's door.
 *
 * @param read told every entry of its log
 * @returns undefined without an app
 */
export async function startApp(
  cloud: Cloud,
  options: Pick<SessionOptions, 'app' | 'scheduledHunts' | 'onEvent' | 'signal'>,
  read: (entry: LogEntry) => void,
): Promise<RunnerProcess | undefined> {
  const { app, onEvent, signal } = options;
  if (app === undefined) return undefined;
  const env = processEnvironment(withLabPace(cloud.env, options), process.env);
  await probe({ execPath: process.execPath, env, refused: cloud.allRefused });
  onEvent({ kind: 'contained', at: Date.now() });
  signal.throwIfAborted();
  const runner = await startRunnerProcess({
    app: app.folder,
    port: app.port,
    env,
    addressSetting: ADDRESS_SETTING,
    door: cloud.door,
    onLog(entry) {
      onEvent({ kind: 'said', at: Date.now(), entry });
      read(entry);
    },
  });
  const { url, functions } = runner;
  onEvent({ kind: 'listening', at: Date.now(), url, functions });
  return runner;
}
