/** One kind of refusal. `title` is public and fixed; the detail of an occurrence is given where it is thrown. */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
}

/** Declares every problem; a code without a status and a title does not compile. */
export function defineProblems<const P extends Record<string, ProblemDefinition>>(problems: P): P {
  return problems;
}
