import { z } from 'zod';

const PERSONAL = 'x-personal-subject';

/**
 * Marks a field as personal data of the person that the sibling field `subject` names, e.g.
 * `personal(z.email(), 'account_id')`. The audit log keeps marked fields apart from the entry, behind a commitment.
 */
export function personal<S extends z.ZodType>(schema: S, subject: string): S {
  return schema.meta({ [PERSONAL]: subject });
}

/** The top-level personal fields of an object schema, each with the field that names its data subject. */
export function personalFields(schema: z.ZodObject): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, field] of Object.entries(schema.shape)) {
    const subject = subjectOf(field as z.ZodType);
    if (subject) fields.set(name, subject);
  }
  return fields;
}

/** Looks through `.nullable()` and `.optional()`, so that the mark may stand on either side of them. */
function subjectOf(schema: z.ZodType): string | undefined {
  const mark = schema.meta()?.[PERSONAL];
  if (typeof mark === 'string') return mark;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return subjectOf(schema.unwrap() as z.ZodType);
  return undefined;
}
