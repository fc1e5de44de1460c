import { describe, expect, it } from 'vitest';
import { guid, named, read, textOf } from './settings.ts';

const VAULT = { OUTRIDER_VAULT_URL: 'https://kv.vault.azure.net' };

describe('the credential with which the Outrider API acts in users’ names', () => {
  it('is federated on the identity of the tenants’ own, when nothing is said', () => {
    expect(read()).toMatchObject({ apiCredential: { kind: 'federated', clientId: guid(4) }, faults: [] });
  });

  it.each([
    ['secret', { secretName: 'outrider-api' }],
    ['certificate', { certificateName: 'outrider-api' }],
  ])('may be a %s in Key Vault', (kind, rest) => {
    const settings = { OUTRIDER_API_CREDENTIAL: kind, OUTRIDER_API_CREDENTIAL_NAME: 'outrider-api' };
    expect(read({ ...VAULT, ...settings })).toMatchObject({
      apiCredential: { kind, clientId: guid(4), ...rest },
      faults: [],
    });
  });

  it('is not needed: without an identity nobody is acted for, and nothing is at fault', () => {
    const config = read({
      ...VAULT,
      OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID: undefined,
      OUTRIDER_CREDENTIAL: 'secret',
      OUTRIDER_CREDENTIAL_NAME: 'reader',
    });
    expect(config).toMatchObject({ apiCredential: undefined, faults: [] });
  });

  it.each<[string, Record<string, string | undefined>, string, RegExp]>([
    [
      'a federated one without an identity',
      { OUTRIDER_API_CREDENTIAL: 'federated', OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID: undefined },
      'OUTRIDER_API_CREDENTIAL',
      /needs OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID/,
    ],
    [
      'a federated one with a name',
      { OUTRIDER_API_CREDENTIAL_NAME: 'x' },
      'OUTRIDER_API_CREDENTIAL_NAME',
      /has no name\. Remove it/,
    ],
    [
      'a secret without a vault',
      { OUTRIDER_API_CREDENTIAL: 'secret', OUTRIDER_API_CREDENTIAL_NAME: 'x' },
      'OUTRIDER_API_CREDENTIAL',
      /needs OUTRIDER_VAULT_URL/,
    ],
    [
      'a certificate without a name',
      { ...VAULT, OUTRIDER_API_CREDENTIAL: 'certificate' },
      'OUTRIDER_API_CREDENTIAL_NAME',
      /the name of a certificate in Key Vault/,
    ],
    [
      'a name that is an address',
      { ...VAULT, OUTRIDER_API_CREDENTIAL: 'secret', OUTRIDER_API_CREDENTIAL_NAME: 'https://kv/x' },
      'OUTRIDER_API_CREDENTIAL_NAME',
      /the name of a secret in Key Vault/,
    ],
    [
      'a managed identity',
      { OUTRIDER_API_CREDENTIAL: 'managedIdentity' },
      'OUTRIDER_API_CREDENTIAL',
      /only the app registration .* may exchange it\. Use federated/,
    ],
    [
      'another kind',
      { OUTRIDER_API_CREDENTIAL: 'password' },
      'OUTRIDER_API_CREDENTIAL',
      /must be federated, cert/,
    ],
  ])('%s is told, and all else works', (_name, settings, setting, text) => {
    const config = read(settings);
    expect(config).toMatchObject({ apiCredential: undefined, api: { clientId: guid(4) } });
    expect(named(config)).toContain(setting);
    expect(textOf(config, setting)).toMatch(text);
  });
});
