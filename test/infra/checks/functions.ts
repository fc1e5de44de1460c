/**
 * Functions of Bicep that the templates may call, with the fewest and the most arguments.
 * https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions
 */
export const FUNCTIONS: ReadonlyMap<string, readonly [fewest: number, most: number, returns?: string]> =
  new Map([
    ['cidrSubnet', [3, 3, 'string']],
    ['concat', [1, 99]],
    ['contains', [2, 2, 'bool']],
    ['deployment', [0, 0]],
    ['empty', [1, 1, 'bool']],
    ['endsWith', [2, 2, 'bool']],
    ['environment', [0, 0]],
    ['fail', [1, 1]],
    ['filter', [2, 2, 'array']],
    ['flatten', [1, 1, 'array']],
    ['guid', [1, 99, 'string']],
    ['items', [1, 1, 'array']],
    ['join', [2, 2, 'string']],
    ['length', [1, 1, 'int']],
    ['loadTextContent', [1, 2, 'string']],
    ['map', [2, 2, 'array']],
    ['range', [2, 2, 'array']],
    ['readEnvironmentVariable', [1, 2, 'string']],
    ['replace', [3, 3, 'string']],
    ['resourceGroup', [0, 2]],
    ['string', [1, 1, 'string']],
    ['subscription', [0, 1]],
    ['subscriptionResourceId', [2, 99, 'string']],
    ['substring', [2, 3, 'string']],
    ['take', [2, 2]],
    ['tenant', [0, 0]],
    ['toLower', [1, 1, 'string']],
    ['toObject', [2, 3, 'object']],
    ['union', [2, 99]],
    ['uniqueString', [1, 99, 'string']],
  ]);

/** Functions of decorators. */
export const DECORATORS: ReadonlySet<string> = new Set([
  'allowed',
  'description',
  'discriminator',
  'export',
  'maxLength',
  'maxValue',
  'minLength',
  'minValue',
  'sealed',
  'secure',
]);
