/** The entry of the mix's threads, in a bundle of its own beside this process's (build/desktop-bundle.ts). */
import './old-runtime.ts'
import '../../sfu-core/studio/mix/mix-worker.ts'
