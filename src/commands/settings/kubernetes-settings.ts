import { z } from 'zod';
import { setting } from './setting.ts';

/** Which API server and namespace a command works with. */
export const KUBERNETES_SETTINGS = {
  kubeconfig: setting(z.string().min(1).optional(), {
    flag: '--kubeconfig <file>',
    env: 'KUBECONFIG',
    description: 'The file with the address of the API server and the credentials for it',
    defaultText: 'the pod’s service account',
    mustBe: 'a file',
  }),
  namespace: setting(
    z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      .optional(),
    {
      flag: '--namespace <name>',
      env: 'POD_NAMESPACE',
      description: 'The namespace of the MallSyncs and their Jobs',
      defaultText: 'that of the configuration, else `default`',
      mustBe: 'a name of lower-case letters, digits and dashes, 63 at most',
    },
  ),
};
