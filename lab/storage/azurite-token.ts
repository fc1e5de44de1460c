const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** For Azurite, which reads issuer, audience and times of a token and never its signature. Holds at any time. */
export const AZURITE_TOKEN = [
  part({ alg: 'none', typ: 'JWT' }),
  part({
    iss: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/',
    aud: 'https://storage.azure.com',
    iat: 0,
    nbf: 0,
    exp: 32_503_680_000,
  }),
  'lab',
].join('.');
