import { finding, type Project } from '../project.ts';

/** Places where a file is no Bicep. */
export function checkSyntax(project: Project): readonly string[] {
  return [...project.values()].flatMap((file) =>
    file.syntaxErrors.map((at) =>
      finding(file, at, `is no Bicep from here: ${file.text.slice(at, at + 40)}`),
    ),
  );
}
