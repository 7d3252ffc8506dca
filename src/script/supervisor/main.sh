# --- Main: starts one of the three --------------------------------------------------------------------------

SECONDS=0
case $1 in
  --serve) mlx_serve ;;
  --task) mlx_task "${@:2}" ;;
  *)
    mlx_read_words "${@:2}"
    mlx_main "$1"
    ;;
esac
