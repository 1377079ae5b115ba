/** A rule of `x-kubernetes-validations`, judged by the API server. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** The field that is to blame, from where the rule stands. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueForbidden' | 'FieldValueInvalid' | 'FieldValueRequired';
}

/** The part of a schema's metadata that holds its rules. */
export function rules(...all: readonly CelRule[]): { readonly 'x-kubernetes-validations': readonly CelRule[] } {
  return { 'x-kubernetes-validations': all };
}

/** For the object that holds the field: it keeps its value, and absent stays absent. */
export function staysAsItIs(field: string): CelRule {
  return {
    rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
    message: `${field} may not be changed; make another MallSync`,
    fieldPath: `.${field}`,
    reason: 'FieldValueForbidden',
  };
}

/** For the object that holds the field: once given it stays, and never falls. */
export function onlyRises(field: string): CelRule {
  return {
    rule: `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} >= oldSelf.${field})`,
    message: `${field} may only rise, and may not be taken away`,
    fieldPath: `.${field}`,
    reason: 'FieldValueForbidden',
  };
}

/** For a boolean field. */
export function onlyTurnsOn(field: string): CelRule {
  return {
    rule: '!oldSelf || self',
    message: `${field} may not be taken back; make another MallSync`,
    reason: 'FieldValueForbidden',
  };
}

/** For the object that holds both fields. */
export function excludes(field: string, other: string): CelRule {
  return {
    rule: `!(has(self.${field}) && has(self.${other}))`,
    message: `${field} and ${other} may not be given together`,
    fieldPath: `.${other}`,
  };
}

/** For a text of the form YYYY-MM-DDTHH:MM:SS. */
export function isCalendarTime(): CelRule {
  return { rule: `!format.datetime().validate(self + 'Z').hasValue()`, message: 'must be a day of the calendar' };
}
