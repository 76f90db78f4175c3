import { type KernelImage, kernelImages, type ModuleSet } from '../../vm/kernel-image.ts'

/** What a node needs: layers of images, the network of pods, that of the machine. */
const nodeModules: ModuleSet = { name: 'node', modules: ['bridge', 'veth', 'virtio_net'] }

/** The kernel of a virtual node. @param name as in the kernel matrix, e.g. `6.12` */
export async function nodeKernel(name: string): Promise<KernelImage> {
  const image = (await kernelImages([name], nodeModules)).get(name)!
  if (image instanceof Error) throw image
  return image
}
