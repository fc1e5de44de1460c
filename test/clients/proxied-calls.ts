/** Child of proxy.lab.test.ts: sends calls one after the other with the settings of its own environment. */
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { systemClock } from '../../shared/clock.ts';

const transport = createTransport({
  getToken: async () => 'token',
  clock: systemClock,
  version: '0.0.0',
  pace: createPace({ clock: systemClock }),
  limits: { retries: 0 },
});

const texts: string[] = [];
for (let call = 0; call < 3; call += 1) {
  const { text } = await transport.send({
    tenant: 'tenant',
    resource: 'graph',
    origin: 'https://graph.microsoft.com',
    family: 'graph.security',
    method: 'GET',
    url: `https://graph.microsoft.com/${call}`,
    permission: 'SecurityIncident.Read.All',
    purpose: 'read incidents',
  });
  texts.push(text);
}
process.stdout.write(JSON.stringify(texts));
