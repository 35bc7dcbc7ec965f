/**
 * A network of your own for any images: two convolutions, of which the second looks farther, and the sum of both.
 *
 *     hypertrain tune --data digits --model examples/my-network.ts --epochs 10
 *
 * Every layer responds to the hyperparameters by itself. A layer or an array is written once; `.ref` stands at every use of an array but the last.
 */
import { nn } from "hypertrain/jax";
import { conv2d, initLayers, linear, type NamedNetworkOptions, type Network } from "hypertrain/nn";

const CHANNELS = 8;

export default function ({ input, outputs }: NamedNetworkOptions): Network {
  const [colours = 1, height = 1, width = 1] = input;
  const near = conv2d({ name: "near", inputs: colours, outputs: CHANNELS, kernel: [3, 3], padding: [1, 1] });
  const far = conv2d({
    ...{ name: "far", inputs: CHANNELS, outputs: CHANNELS },
    ...{ kernel: [3, 3], padding: [2, 2], dilation: [2, 2] },
  });
  const head = linear({ name: "head", inputs: CHANNELS * height * width, outputs });
  const layers = [near, far, head];
  return {
    name: "two-views",
    layers,
    places: [{ name: "near", shape: [CHANNELS, 1, 1] }], // whole channels
    init: (key) => initLayers(key, layers),
    apply(at, x, act) {
      const rows = x.shape[0] as number;
      const one = act("near", nn.relu(at.apply(near, x.reshape([rows, colours, height, width]))));
      const two = nn.relu(at.apply(far, one.ref));
      return at.apply(head, one.add(two).reshape([rows, CHANNELS * height * width])); // [rows, outputs]
    },
  };
}
