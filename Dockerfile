# The command line of Scale Test for Coder, for CI and Kubernetes. `npm run package:cli` packs what goes in.
FROM node:24-bookworm-slim

LABEL org.opencontainers.image.title="Scale Test for Coder" \
      org.opencontainers.image.licenses="MIT"

COPY coder-scaletest-*.tgz /tmp/
RUN npm install --global --no-audit --no-fund /tmp/coder-scaletest-*.tgz \
    && rm -rf /tmp/coder-scaletest-*.tgz /root/.npm \
    && mkdir -m 1777 /data

# Any user may run it: all that is written is in /data, a volume or a folder that any user can write to.
ENV CODER_SCALETEST_HOME=/data \
    HOME=/tmp
VOLUME /data
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["coder-scaletest"]
CMD ["--help"]
