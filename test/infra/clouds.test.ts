import { beforeAll, describe, expect, it } from 'vitest';
import { AZURE, ID } from './azure.ts';
import { callFunction, parametersOf, type Values, variableOf } from './evaluate.ts';
import { infra, type Project } from './project.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

/** A variable of a template, deployed to one of Azure's clouds. */
function variableIn(azure: string, [path, name]: readonly [string, string], given: Values = {}) {
  const file = project.get(path);
  if (!file) throw new Error(`${path} is gone.`);
  const environment = { ...(AZURE['environment()'] as Values), name: azure };
  return variableOf(file, name, parametersOf(file, given, { ...AZURE, 'environment()': environment }));
}

describe('a deployment to one of Azure’s clouds', () => {
  it('begins where Defender has APIs, and nowhere else', () => {
    const region = (azure: string) =>
      variableIn(azure, ['bootstrap.bicep', 'checkedLocation'], { location: 'x' });
    expect(region('AzureCloud')).toBe('x');
    expect(region('AzureUSGovernment')).toBe('x');
    expect(() => region('AzureChinaCloud')).toThrow('az cloud set');
    const bootstrap = project.get('bootstrap.bicep')?.text ?? '';
    expect(bootstrap.match(/^ +location: (\w+)$/gm)).toEqual([
      '  location: checkedLocation',
      '    location: checkedLocation',
    ]);
  });

  it('serves tenants of that cloud: GCC is in the public one', () => {
    const served = (azure: string, cloud: string) =>
      variableIn(azure, ['main.bicep', 'checkedCloud'], { cloud, apiClientId: `${ID}3` });
    for (const cloud of ['global', 'gcc']) {
      expect(served('AzureCloud', cloud)).toBe(cloud);
      expect(() => served('AzureUSGovernment', cloud)).toThrow('another Azure');
    }
    for (const cloud of ['gcchigh', 'dod']) {
      expect(served('AzureUSGovernment', cloud)).toBe(cloud);
      expect(() => served('AzureCloud', cloud)).toThrow('another Azure');
    }
  });

  it('has its host name in it', () => {
    const names = project.get('names.bicep');
    const host = (azure: string) => names && callFunction(names, 'hostOf', ['func-x', azure]);
    expect(host('AzureCloud')).toBe('func-x.azurewebsites.net');
    expect(host('AzureUSGovernment')).toBe('func-x.azurewebsites.us');
  });
});
