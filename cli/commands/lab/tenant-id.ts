import { callLab } from '../../../lab/control/running-lab.ts';
import type { LabStatus } from '../../../lab/session/rows.ts';
import { EXIT, fail } from '../../output/failure.ts';

/** The id of a tenant of the running lab, given its id or its name in any case. @throws CommandFailure */
export async function tenantId(idOrName: string): Promise<string> {
  const { tenants } = (await callLab('GET', '/status')) as LabStatus;
  const wanted = idOrName.toLowerCase();
  const found = tenants.find(({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted);
  if (found !== undefined) return found.id;
  const names = tenants.map(({ name }) => name).join(', ');
  return fail(EXIT.usage, `The lab has no tenant ${idOrName}; there are ${names}.`);
}
