import { describe, expect, test } from 'vitest';
import { waitFor } from '../lab/runner/run-app.ts';
import type { ActAsLab } from './act-as-lab.ts';
import { expectProblem } from './expect-problem.ts';
import type { Answer } from './outrider-app.ts';

/** Changes of incidents in the name of the app, in the lab of those in a user's name: to start one takes seconds. */
export function describeUpdatesAsApp(lab: () => ActAsLab): void {
  describe('in application context', () => {
    const change = (body: object, of = lab().tenant, id = lab().incident): Promise<Answer> =>
      lab().app.call(`/api/tenants/${of}/incidents/${id}`, {
        method: 'PATCH',
        body,
        roles: ['Incidents.Update'],
      });

    test('an incident is changed in the app’s name, and the store learns of it', async () => {
      const { app, tenant, incident } = lab();
      // One that is under way may have read past the change already, and leaves it to the next that is due.
      await app.sync(tenant);
      const answer = await change({ status: 'inProgress', comment: 'seen' });
      expect(answer.json(), answer.text).toMatchObject({
        status: 'inProgress',
        comments: [{ createdByDisplayName: expect.stringMatching(/^API-App:/) }],
        _outrider: { live: true, actedAs: 'app' },
      });
      const path = `/api/tenants/${tenant}/incidents/${incident}`;
      const stored = await waitFor(
        async () => {
          const found = await app.call(path, { roles: ['Incidents.Read'] });
          return found.status === 200 && found.json().status === 'inProgress' ? found.json() : undefined;
        },
        () => 'the store does not learn of it',
      );
      expect(stored).toMatchObject({ comments: [{ comment: 'seen' }] });
    });

    test('one that the service refuses says why, in the service’s own words', async () => {
      const { app, other } = lab();
      const { id } = app.cloud.defender.tenant(other).createIncident();
      const refused = await change({ determination: 'securityPersonnel' }, other, id);
      expect(expectProblem(refused, 400, 'incident.update_refused').serviceMessage).toMatch(
        /'determination' is not valid/,
      );
      expect((await change({ determination: 'notMalicious' }, other, id)).json()).toMatchObject({
        determination: 'notMalicious',
        _outrider: { family: 'xdr', actedAs: 'app' },
      });
    });

    test('without the permission of the API nothing is changed', async () => {
      const { app, third } = lab();
      const { id } = app.cloud.defender.tenant(third).createIncident({ status: 'active' });
      const refused = await change({ status: 'resolved' }, third, id);
      expect(expectProblem(refused, 502, 'upstream.forbidden').detail).toMatch(/ReadWrite\.All/);
      expect(app.cloud.defender.tenant(third).get(id)).toMatchObject({ status: 'active' });
    });

    test('what is not there, and what is no change', async () => {
      expectProblem(await change({ status: 'active' }, lab().tenant, '999999'), 404, 'request.not_found');
      expect(expectProblem(await change({}), 400, 'request.invalid').detail).toMatch(
        /Nothing is to be changed/,
      );
      const wrong = { status: null, classification: 'x', determination: 'Malware', comment: ' ', tags: [] };
      expect(expectProblem(await change(wrong), 400, 'request.invalid').errors).toHaveLength(5);
    });
  });
}
