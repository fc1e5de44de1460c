import { notes } from '../leak-watch/notes.ts';
import { AadstsError } from './aadsts.ts';
import { parseAssertion } from './assertion.ts';
import { checkCertificateAssertion } from './certificate-assertion.ts';
import type { SignInCloud } from './clouds.ts';
import type { Directory, DirectoryApp } from './directory.ts';
import { checkFederatedAssertion } from './federated-assertion.ts';
import { publicWithSecret, secretNeeded } from './flow-problems.ts';
import { expiredSecret, malformedAssertion, noCredential, wrongSecret } from './problems.ts';
import type { EntraSettings } from './settings.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface ClientProof {
  readonly form: URLSearchParams;
  readonly app: DirectoryApp;
  readonly tenantId: string;
  readonly cloud: SignInCloud;
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  /** The grant's own demand: a person takes part, so that a public client needs no proof. */
  readonly forPerson: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Makes the client prove that it is the app: by secret, certificate or federated assertion. A public client has no
 * proof, and needs none where a person signs in.
 * @returns the `appidacr` of its tokens, and the secret or assertion that was accepted, if there was one
 * @throws AadstsError
 */
export async function checkClient(
  proof: ClientProof,
): Promise<{ readonly clientProof: '0' | '1' | '2'; readonly accepted?: string }> {
  const assertion = proof.form.get('client_assertion');
  if (proof.forPerson && proof.app.isPublicClient) {
    const isBare = assertion === null && proof.form.get('client_secret') === null;
    if (!isBare) throw new AadstsError(publicWithSecret());
    return { clientProof: '0' };
  }
  if (assertion !== null) {
    notes().secret('client assertion', assertion);
    await checkAssertion(proof, assertion);
    return { clientProof: '2', accepted: assertion };
  }
  const secret = proof.form.get('client_secret');
  if (secret === null) throw new AadstsError(proof.forPerson ? secretNeeded() : noCredential());
  notes().secret('client secret', secret);
  checkSecret(proof, secret);
  return { clientProof: '1', accepted: secret };
}

function checkSecret({ app, now }: ClientProof, secret: string): void {
  const known = app.secrets.filter(({ value }) => value === secret);
  if (known.length === 0) throw new AadstsError(wrongSecret(app.appId));
  if (!known.some(({ expiresAt }) => expiresAt > now)) throw new AadstsError(expiredSecret(app.appId));
}

async function checkAssertion(proof: ClientProof, token: string): Promise<void> {
  if (proof.form.get('client_assertion_type') !== ASSERTION_TYPE) {
    throw new AadstsError(malformedAssertion('The parameter client_assertion_type is missing or unknown.'));
  }
  const assertion = parseAssertion(token);
  // An app names itself by its id as issuer; every other issuer is a URL.
  if (assertion.issuer.startsWith('https://')) return checkFederatedAssertion({ ...proof, assertion });
  return checkCertificateAssertion({
    assertion,
    app: proof.app,
    audiences: audiencesOf(proof),
    now: proof.now,
    skewSeconds: proof.settings.assertionSkewSeconds,
  });
}

function audiencesOf({ cloud, tenantId }: ClientProof): readonly string[] {
  const base = `https://${cloud.host}/${tenantId}`;
  return [`${base}/oauth2/v2.0/token`, `${base}/oauth2/token`, `${base}/v2.0`];
}
