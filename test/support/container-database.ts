import { GenericContainer, Wait } from 'testcontainers';

const PASSWORD = 'mallsync-test';
const PORT = 5432;

/** A PostgreSQL of any image that a Docker engine has or can pull, e.g. `postgres:15-bookworm`. */
export async function startContainerDatabase(image: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=300'])
    .withExposedPorts(PORT)
    // while the image sets itself up its server answers on the socket only
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready -h 127.0.0.1'))
    .start();
  return {
    url: `postgres://postgres:${PASSWORD}@${container.getHost()}:${container.getMappedPort(PORT)}/postgres`,
    stop: async () => {
      await container.stop();
    },
  };
}
