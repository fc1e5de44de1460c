import { callLab } from '../../../lab/control/running-lab.ts';
import { processEnvironment } from '../../../lab/environment.ts';
import { withLabPace } from '../../../lab/session/app-settings.ts';

/** What an app in the running lab is configured with. @throws LabError `lab.not_running` */
export async function readLabSettings(): Promise<Readonly<Record<string, string>>> {
  return withLabPace((await callLab('GET', '/env')) as Readonly<Record<string, string>>);
}

/** Variables of this process that would lead out of the lab, or mix a real deployment in. */
export function misleadingNames(settings: Readonly<Record<string, string>>): readonly string[] {
  const kept = processEnvironment(settings, process.env);
  return Object.keys(process.env).filter((name) => !(name in kept) && /^\w+$/.test(name));
}
