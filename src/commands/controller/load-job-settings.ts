import { readFile } from 'node:fs/promises';
import type { JobSettings } from '../../adapters/kubernetes/job-settings.ts';
import { isJsonObject } from '../../adapters/kubernetes/pod-template-merge.ts';
import { listPodTemplateFaults } from '../../adapters/kubernetes/pod-template.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { Environment } from '../settings/read-settings.ts';
import { SettingsError } from '../settings/read-settings.ts';
import { sourceOf } from '../settings/setting.ts';
import { EXECUTION_SETTINGS } from '../settings/shared-settings.ts';
import type { JobSettingValues } from './job-settings.ts';
import { JOB_SETTINGS, parseYaml } from './job-settings.ts';

/** Variables that the controller hands on as it got them, so that both agree; secrets go by reference. */
const HANDED_ON = Object.values(EXECUTION_SETTINGS)
  .map(sourceOf)
  .flatMap(({ env, isSecret }) => (env === undefined || isSecret === true ? [] : [env]));

const POD_TEMPLATE = sourceOf(JOB_SETTINGS.jobPodTemplate).env ?? '';

/** @throws SettingsError when the pod template cannot be read, or sets what the Jobs decide themselves */
export async function loadJobSettings(values: JobSettingValues, environment: Environment): Promise<JobSettings> {
  return {
    image: values.jobImage,
    databaseUrl: values.jobDatabaseSecret,
    databaseDirectUrl: values.jobDatabaseDirectSecret,
    encryptionKeys: values.jobKeysSecret,
    environment: pickHandedOn(environment),
    resources: values.jobResources,
    queueName: values.jobQueue,
    podTemplate: await loadPodTemplate(values.jobPodTemplate),
    podLabels: values.jobPodLabels,
    podAnnotations: values.jobPodAnnotations,
  };
}

function pickHandedOn(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    HANDED_ON.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}

/** A text that is an object is the template itself; any other is the path of its file. */
async function loadPodTemplate(text: string): Promise<JobSettings['podTemplate']> {
  const inline = parseYaml(text);
  const template = isJsonObject(inline) ? inline : parseYaml(await readTemplate(text));
  const faults = listPodTemplateFaults(template);
  if (faults.length > 0 || !isJsonObject(template)) throw refuse(...faults);
  return template;
}

async function readTemplate(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw refuse(`neither is ${JSON.stringify(file)} an object nor a file that can be read (${code})`);
  }
}

function refuse(...faults: readonly string[]): SettingsError {
  return new SettingsError(
    EXIT.config,
    faults.map((fault) => `${POD_TEMPLATE}: ${fault}`),
  );
}
