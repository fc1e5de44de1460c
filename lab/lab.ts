import { type Cloud, type CloudOptions, startCloud } from './cloud.ts';
import type { ControlAddress } from './control/client.ts';
import { patchDefender, readDefender } from './control/defender-settings.ts';
import { startControl } from './control/server.ts';
import { claimStateFile } from './control/state-file.ts';
import { createEnds } from './ends.ts';

export interface LabOptions extends Omit<CloudOptions, 'directory'> {
  /** What `outrider lab status` is told, as JSON. */
  readonly status: (cloud: Cloud) => unknown | Promise<unknown>;
  /** What `outrider lab env` is told; default the cloud's settings. */
  readonly env?: (cloud: Cloud) => Readonly<Record<string, string>>;
  /** Called when `outrider lab stop` is asked for. */
  readonly onStop: () => void;
  /** Default in the user's runtime directory; see control/state-file.ts. */
  readonly stateFile?: string;
}

/** A running lab that this user's other processes can find and command. */
export interface Lab {
  readonly cloud: Cloud;
  readonly control: ControlAddress;
  /** Ends everything and leaves nothing behind. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the cloud as the one lab of this user, with its control endpoint.
 *
 * @throws LabError `lab.already_running`
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { status, env = (cloud) => cloud.env, onStop, stateFile, ...cloudOptions } = options;
  const file = await claimStateFile(stateFile);
  const ends = createEnds();
  ends.push(file.remove);
  try {
    const cloud = await startCloud({ ...cloudOptions, directory: file.directory });
    ends.push(cloud.stop);
    const control = await startControl({
      status: () => status(cloud),
      env: () => env(cloud),
      token: cloud.token,
      userToken: cloud.userToken,
      entra: cloud.entra.control,
      signInPage: cloud.signInPage,
      faults: cloud.faults,
      defender: {
        read: () => readDefender(cloud.defender.settings),
        patch: (change) => patchDefender(cloud.defender.settings, change),
      },
      hunting: cloud.defender.hunting,
      requests: cloud.log.entries,
      refused: cloud.refused,
      stop: onStop,
    });
    ends.push(control.stop);
    await file.publish({ url: control.url, key: control.key });
    return { cloud, control: { url: control.url, key: control.key }, stop: ends.end };
  } catch (error) {
    await ends.end();
    throw error;
  }
}
