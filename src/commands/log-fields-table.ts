import { LOG_FIELD_GROUPS } from '../adapters/telemetry/log-fields.ts';

/** The table of all fields of all logs, from the vocabulary that the loggers take. */
export function renderLogFieldsTable(): string {
  const lines = Object.entries(LOG_FIELD_GROUPS).flatMap(([group, words]) =>
    Object.entries(words).map(([word, meaning]) => `| \`${word}\` | ${group} | ${meaning} |`),
  );
  return ['| field | about | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}
